#!/bin/bash
# Never ends, and will not be told.
trap '' 1 2 3 13 15 20
( trap '' 1 2 3 13 15; setsid bash -c 'while :; do :; done' ) &
while :; do read line < /dev/zero; done
