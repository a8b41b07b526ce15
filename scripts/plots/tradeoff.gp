# Accuracy against speed, a point per training run: training on the left, inference on the right.
# gnuplot -c tradeoff.gp STYLE DATA OUT.svg RUNS TITLE EPOCHS LOW HIGH
# DATA: a block per run, its name on the first line, then accuracy in percent and images per second of
# training and of inference. LOW and HIGH are the ends of the y axis.
load ARG1
runs = ARG4 + 0
height = 420.0 > 100 + 22 * runs ? 420.0 : 100.0 + 22 * runs
set terminal svg size 1000, height dynamic font "Helvetica,13" background rgb "#ffffff"
set output ARG3
set multiplot title ARG5 noenhanced font ",15" textcolor rgb "#222222"
set tmargin at screen 1 - 60 / height
set bmargin at screen 70 / height
set xrange [0:*]
set offsets graph 0, graph 0.1, 0, 0
set yrange [ARG7 + 0 : ARG8 + 0]
set ylabel "accuracy on the test images in %"
set key at screen 0.8, 1 - 60 / height left top vertical Left reverse spacing 1.4
set lmargin at screen 0.08
set rmargin at screen 0.41
set xlabel "training, thousand images per second"
plot for [i = 0:runs-1] ARG2 index i using ($2/1000):1 with points pointsize 1.4 linewidth 2 \
     pointtype 4 + i % 8 linecolor rgb colour[i % 8 + 1] title columnheader(1)
unset key
unset ylabel
set lmargin at screen 0.46
set rmargin at screen 0.79
set xlabel "inference, thousand images per second"
plot for [i = 0:runs-1] ARG2 index i using ($3/1000):1 with points pointsize 1.4 linewidth 2 \
     pointtype 4 + i % 8 linecolor rgb colour[i % 8 + 1] title columnheader(1)
unset multiplot
