# Accuracy by epoch, a line per training run.
# gnuplot -c accuracy.gp STYLE DATA OUT.svg RUNS TITLE EPOCHS LOW HIGH
# DATA: a block per run, its name on the first line, then epoch and accuracy in percent. EPOCHS is
# the last one, LOW and HIGH are the ends of the y axis.
load ARG1
runs = ARG4 + 0
set terminal svg size 900, 480 dynamic font "Helvetica,13" background rgb "#ffffff"
set output ARG3
set title ARG5
set xlabel "epoch"
set ylabel "accuracy on the test images in %"
epochs = ARG6 + 0
set xrange [1 - 0.05 * epochs : 1.05 * epochs]
if (epochs <= 20) set xtics 1
set yrange [ARG7 + 0 : ARG8 + 0]
set key outside right center vertical Left reverse spacing 1.4
plot for [i = 0:runs-1] ARG2 index i using 1:2 with linespoints linewidth 2 pointsize 0.8 \
     pointtype 4 + i % 8 linecolor rgb colour[i % 8 + 1] title columnheader(1)
