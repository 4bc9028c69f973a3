package dev.jctl.controller.audit;

/** Where events go. */
public interface AuditTrail {
  /** Keeps nothing. */
  AuditTrail NONE =
      new AuditTrail() {
        @Override
        public void add(AuditEvent event) {
          // nothing is kept
        }

        @Override
        public long dropped() {
          return 0;
        }
      };

  /** Never waits and never fails. */
  void add(AuditEvent event);

  /** How many are lost. */
  long dropped();
}
