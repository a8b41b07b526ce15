# Accuracy against speed, a point per training run: training on the left, inference on the right.
# gnuplot -c tradeoff.gp STYLE DATA OUT.svg RUNS TITLE LOW HIGH (the last two unused)
# DATA: a block per run, its name on the first line, then accuracy in percent and images per second of
# training and of inference.
load ARG1
runs = ARG4 + 0
rows = (runs + 2) / 3
set terminal svg size 900, 400 + 24 * rows dynamic font "Helvetica,13" background rgb "#ffffff"
set output ARG3
height = 400.0 + 24 * rows
bottom = (24.0 * rows + 80) / height
set multiplot title ARG5 noenhanced textcolor rgb "#222222"
set tmargin at screen 1 - 60 / height
set bmargin at screen bottom
set ylabel "accuracy on the test images in %"
set xrange [0:*]
set offsets graph 0, graph 0.08, 1, 1
set xtics autofreq
set key at screen 0.5, 10 / height bottom center horizontal left reverse maxrows rows width 2

set lmargin at screen 0.08
set rmargin at screen 0.49
set xlabel "training, images per second"
plot for [i = 0:runs-1] ARG2 index i using 2:1 with points pointsize 1.4 linewidth 2 \
     pointtype 4 + i % 8 linecolor rgb colour[i % 8 + 1] title columnheader(1)
unset key
unset ylabel
set lmargin at screen 0.56
set rmargin at screen 0.97
set xlabel "inference, images per second"
plot for [i = 0:runs-1] ARG2 index i using 3:1 with points pointsize 1.4 linewidth 2 \
     pointtype 4 + i % 8 linecolor rgb colour[i % 8 + 1] title columnheader(1)
unset multiplot
