package dev.jctl.controller.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.jctl.controller.testing.Json;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** JSON merge patch and JSON patch against the cases of their RFCs. */
class PatchesTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        // RFC 7396, appendix A
        "{'a':'b'}            | {'a':'c'}                 | {'a':'c'}",
        "{'a':'b'}            | {'b':'c'}                 | {'a':'b','b':'c'}",
        "{'a':'b'}            | {'a':null}                | {}",
        "{'a':'b','b':'c'}    | {'a':null}                | {'b':'c'}",
        "{'a':['b']}          | {'a':'c'}                 | {'a':'c'}",
        "{'a':'c'}            | {'a':['b']}               | {'a':['b']}",
        "{'a':{'b':'c'}}      | {'a':{'b':'d','c':null}}  | {'a':{'b':'d'}}",
        "{'a':[{'b':'c'}]}    | {'a':[1]}                 | {'a':[1]}",
        "['a','b']            | ['c','d']                 | ['c','d']",
        "{'a':'b'}            | ['c']                     | ['c']",
        "{'a':'foo'}          | null                      | null",
        "{'a':'foo'}          | 'bar'                     | 'bar'",
        "{'e':null}           | {'a':1}                   | {'e':null,'a':1}",
        "[1,2]                | {'a':'b','c':null}        | {'a':'b'}",
        "{}                   | {'a':{'bb':{'ccc':null}}} | {'a':{'bb':{}}}",
      })
  void mergesAsRfc7396Says(String target, String patch, String expected) {
    JsonNode before = Json.tree(target);
    assertThat(MergePatch.apply(before, Json.tree(patch))).isEqualTo(Json.tree(expected));
    assertThat(before).as("the target is not changed").isEqualTo(Json.tree(target));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        // RFC 6902, appendix A, and what lies near it
        "{'a':1}           | {op:add,path:/b,value:2}             | {'a':1,'b':2}",
        "{'a':1}           | {op:add,path:/a,value:2}             | {'a':2}",
        "{'a':[1,3]}       | {op:add,path:/a/1,value:2}           | {'a':[1,2,3]}",
        "{'a':[1]}         | {op:add,path:/a/-,value:[2,3]}       | {'a':[1,[2,3]]}",
        "{'a':[1]}         | {op:add,path:/a/1,value:2}           | {'a':[1,2]}",
        "{'a':1}           | {op:add,path:/b,value:null}          | {'a':1,'b':null}",
        "{'a':1}           | {op:add,path:``,value:{c:1}}         | {'c':1}",
        "{'a':1,'b':2}     | {op:remove,path:/b}                  | {'a':1}",
        "{'a':[1,2,3]}     | {op:remove,path:/a/1}                | {'a':[1,3]}",
        "{'a':1}           | {op:replace,path:/a,value:{b:1}}     | {'a':{'b':1}}",
        "{'a':[1,2]}       | {op:replace,path:/a/0,value:9}       | {'a':[9,2]}",
        "{'a':{'b':1}}     | {op:move,from:/a/b,path:/c}          | {'a':{},'c':1}",
        "{'a':[1,2,3]}     | {op:move,from:/a/0,path:/a/2}        | {'a':[2,3,1]}",
        "{'a':{'b':1}}     | {op:copy,from:/a,path:/c}            | {'a':{'b':1},'c':{'b':1}}",
        "{'a/b':1,'m~n':2} | {op:replace,path:/a~1b,value:3}      | {'a/b':3,'m~n':2}",
        "{'a/b':1,'m~n':2} | {op:remove,path:/m~0n}               | {'a/b':1}",
        "{'~1':10}         | {op:test,path:/~01,value:10}         | {'~1':10}",
        "{'a':[1,{'b':2}]} | {op:test,path:/a,value:[1,{b:2.0}]}  | {'a':[1,{'b':2}]}",
      })
  void patchesAsRfc6902Says(String target, String operation, String expected) {
    JsonNode before = Json.tree(target);
    assertThat(JsonPatch.apply(before, operations(operation))).isEqualTo(Json.tree(expected));
    assertThat(before).as("the target is not changed").isEqualTo(Json.tree(target));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "{'a':1}   | {op:test,path:/a,value:'1'}        | test failed at /a",
        "{'a':1}   | {op:add,path:/b/c,value:1}         | nothing at",
        "{'a':[1]} | {op:add,path:/a/2,value:1}         | nothing at",
        "{'a':[1]} | {op:add,path:/a/01,value:1}        | 01 is no index",
        "{'a':[1]} | {op:remove,path:/a/-}              | - is no index",
        "{'a':1}   | {op:remove,path:/b}                | nothing at /b",
        "{'a':1}   | {op:replace,path:/b,value:1}       | nothing at /b",
        "{'a':1}   | {op:move,from:/b,path:/c}          | nothing at /b",
        "{'a':1}   | {op:add,path:/b}                   | value is missing",
        "{'a':1}   | {op:add,path:b,value:1}            | path is not a JSON pointer",
        "{'a':1}   | {op:spam,path:/a}                  | unknown operation",
      })
  void refusesAPatchThatDoesNotFit(String target, String operation, String message) {
    assertThatThrownBy(() -> JsonPatch.apply(Json.tree(target), operations(operation)))
        .isInstanceOf(PatchException.class)
        .hasMessageContaining(message);
  }

  private static JsonNode operations(String one) {
    // unquoted texts would need quotes in every line of the tables above
    return Json.tree(
        "[" + one.replaceAll("(op|path|from):([^',}]*)", "$1:'$2'").replace("``", "") + "]");
  }
}
