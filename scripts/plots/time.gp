# Time per call, a group of bars per shape, a bar per method.
# gnuplot -c time.gp STYLE DATA OUT.svg METHODS TITLE ROWS LOW HIGH
# DATA: a block of y, label for the shapes; then a block per method, its name on the first line and
# then y, seconds, lower and upper quartile, seconds as text, share of the limit. Bars are one row
# high. LOW and HIGH are the ends of the axis.
load ARG1
rows = ARG6 + 0
low = ARG7 + 0
set terminal svg size 900, 120 + 13 * rows dynamic font "Helvetica,13" background rgb "#ffffff"
set output ARG3
set title ARG5
set xlabel "time per call, logarithmic (bar: median; whisker: from quartile to quartile)"
set logscale x
set xrange [low : ARG8 + 0]
set yrange [rows : 0]
set xtics ("100 ns" 1e-7, "1 us" 1e-6, "10 us" 1e-5, "100 us" 1e-4, "1 ms" 1e-3, "10 ms" 1e-2, \
           "100 ms" 1e-1, "1 s" 1, "10 s" 10, "100 s" 100)
set ytics scale 0 noenhanced
set grid xtics noytics
set key outside top center horizontal
if (words(ARG4) > 4) set key maxcols 4 # beside the sixth is no room
data = ARG2
plot for [m = 1:words(ARG4)] data index m using 2:1:(low):2:($1-0.45):($1+0.45) with boxxyerror \
         fillstyle solid 1 noborder linecolor rgb method_colour(word(ARG4, m), m) title columnheader(1), \
     for [m = 1:words(ARG4)] data index m using 2:1:3:4 with xerrorbars \
         pointtype -1 linewidth 1.2 linecolor rgb "#222222" title "", \
     for [m = 1:words(ARG4)] data index m using 4:1:5 with labels left offset 0.6, 0 \
         font ",10" textcolor rgb "#444444" noenhanced title "", \
     data index 0 using (low):1:ytic(2) with points pointtype -1 title ""
