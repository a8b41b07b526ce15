# Time per call by method, a group of bars per shape.
# gnuplot -c time.gp STYLE DATA OUT.svg SHAPES TITLE LOW HIGH
# DATA: label, then for naive, im2col and simd: seconds, lower and upper quartile, text, limit.
load ARG1
shapes = ARG4 + 0
low = ARG6 + 0
set terminal svg size 900, 120 + 46 * shapes dynamic font "Helvetica,13" background rgb "#ffffff"
set output ARG3
set title ARG5 noenhanced textcolor rgb "#222222"
set xlabel "time per call, logarithmic (bar: median; whisker: from quartile to quartile)"
set logscale x
set xrange [low : ARG7 + 0]
set yrange [-shapes + 0.45 : 0.55]
set xtics ("100 ns" 1e-7, "1 µs" 1e-6, "10 µs" 1e-5, "100 µs" 1e-4, "1 ms" 1e-3, "10 ms" 1e-2, \
           "100 ms" 1e-1, "1 s" 1, "10 s" 10, "100 s" 100)
set ytics scale 0 noenhanced
set grid xtics noytics
set key outside top center horizontal
array name[3] = ["naive", "im2col", "simd"]
array fill[3] = [grey, orange, blue]
y(m) = 0.54 - 0.27 * m - $0
plot DATA = ARG2, \
     for [m = 1:3] DATA using (column(5*m-3)):(y(m)):(low):(column(5*m-3)):(y(m)-0.12):(y(m)+0.12) \
         with boxxyerror fillstyle solid 1 noborder linecolor rgb fill[m] title name[m], \
     for [m = 1:3] DATA using (column(5*m-3)):(y(m)):(column(5*m-2)):(column(5*m-1)) \
         with xerrorbars pointtype -1 linewidth 1.2 linecolor rgb "#222222" notitle, \
     for [m = 1:3] DATA using (column(5*m-1)):(y(m)):(strcol(5*m)) with labels left offset 0.6, 0 \
         font ",10" textcolor rgb "#444444" noenhanced notitle, \
     DATA using (low):(-$0):ytic(1) with points pointtype -1 notitle
