#!/bin/bash
# Waits in a great many processes that do nothing.
mkfifo /tmp/never
for i in `seq 1 5000`; do
    read line <> /tmp/never &
done
wait
