#!/bin/sh
while true; do
  echo "GREETING from an image that was built here"
  sleep 1
done
