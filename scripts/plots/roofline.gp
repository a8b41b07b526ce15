# Operations per second over operations per byte, beneath the limits of the machine.
# gnuplot -c roofline.gp STYLE DATA OUT.svg "LIMITS PEER…" TITLE LEFT RIGHT BOTTOM TOP
# DATA: a block per limit, a block of ours, a block per peer: a name on the first line and then
# operations per byte and GFLOP/s. The other four are the ends of the axes, BOTTOM and TOP in FLOP/s.
load ARG1
limits = word(ARG4, 1) + 0
peer(p) = word(ARG4, p + 1)
set terminal svg size 1000, 700 dynamic font "Helvetica,13" background rgb "#ffffff"
set output ARG3
set title ARG5
set xlabel "operations per byte, logarithmic (of the least operations and the least traffic of a shape)"
set ylabel "GFLOP/s, logarithmic (the least operations / median time)"
set logscale xy
set xrange [ARG6 + 0 : ARG7 + 0]
set yrange [1e-9 * ARG8 : 1e-9 * ARG9]
set grid xtics ytics
set key outside right center vertical Left reverse spacing 1.4
data = ARG2
plot for [r = 0:limits-1] data index r using 1:2 with lines linewidth 1.6 dashtype limits - r \
         linecolor rgb "#555555" title columnheader(1), \
     data index limits using 1:2 with points pointtype 7 pointsize 0.6 linecolor rgb blue title columnheader(1), \
     for [p = 1:words(ARG4)-1] data index limits + p using 1:2 with points pointtype 2 * p + 2 pointsize 0.9 \
         linewidth 1.8 linecolor rgb peer_colour(peer(p), p) title columnheader(1)
