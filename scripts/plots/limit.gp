# Share of the machine's limit, a group of bars per shape, a bar per method.
# gnuplot -c limit.gp STYLE DATA OUT.svg METHODS TITLE ROWS LOW HIGH
# DATA as time.gp has it; HIGH is the right end of the axis, 1 is the limit.
load ARG1
rows = ARG6 + 0
set terminal svg size 900, 120 + 13 * rows dynamic font "Helvetica,13" background rgb "#ffffff"
set output ARG3
set title ARG5
set xlabel "share of the machine's limit in % (100: as fast as memory or arithmetic allow)"
set xrange [0 : 100 * ARG8]
set yrange [rows : 0]
set ytics scale 0 noenhanced
set grid xtics noytics
set key outside top center horizontal
if (words(ARG4) > 4) set key maxcols 4 # beside the sixth is no room
set arrow from 100, graph 0 to 100, graph 1 nohead linewidth 1.5 linecolor rgb red
percent(share) = sprintf(share < 0.0995 ? "%.1f %%" : "%.0f %%", 100 * share)
data = ARG2
plot for [m = 1:words(ARG4)] data index m using 6:1:(0):(100*$6):($1-0.45):($1+0.45) with boxxyerror \
         fillstyle solid 1 noborder linecolor rgb method_colour(word(ARG4, m), m) title columnheader(1), \
     for [m = 1:words(ARG4)] data index m using (100*$6):1:(percent($6)) with labels left offset 0.6, 0 \
         font ",10" textcolor rgb "#444444" noenhanced title "", \
     data index 0 using (0):1:ytic(2) with points pointtype -1 title ""
