# The best peer's time as a share of ours, a bar per shape, a colour per peer, grouped by layout.
# gnuplot -c peers.gp STYLE DATA OUT.svg PEERS TITLE ROWS LOW HIGH LETTERS
# DATA: a block of y, label for the shapes; one of y, text, geometric mean, first and last y for the
# groups; then a block per peer, its name on the first line and then y, ratio, the ends of its
# interval, ratio as text. Bars are one row high. LOW and HIGH are the ends of the axis.
# LETTERS is how long the longest label is.
load ARG1
rows = ARG6 + 0
low = ARG7 + 0
set terminal svg size 600 + 7.5 * ARG9, 150 + 16 * rows dynamic font "Helvetica,13" background rgb "#ffffff"
set output ARG3
set title ARG5
set xlabel "time of the best peer / time of ours, logarithmic (above 1: ours is faster)\n\
bar: least times; whisker: 95 % interval of the medians' ratio; dashed: geometric mean"
set logscale x
set xrange [low : ARG8 + 0]
set yrange [rows : 0]
set xtics ()
do for [power = -4:4] { do for [digit in "1 2 5"] {
  tic = digit * 10.0**power
  set xtics add (sprintf("%g", tic) tic)
} }
set ytics scale 0 noenhanced
set grid xtics noytics
set key outside top center horizontal
smaller(a, b) = a < b ? a : b
larger(a, b) = a > b ? a : b
bold(text) = "{/:Bold " . text . "}"
data = ARG2
plot data index 1 using 3:4:(0):($5-$4) with vectors nohead dashtype 2 linewidth 1.2 linecolor rgb grey title "", \
     for [p = 1:words(ARG4)] data index p + 1 using 2:1:(smaller(1, $2)):(larger(1, $2)):($1-0.4):($1+0.4) \
         with boxxyerror fillstyle solid 1 noborder linecolor rgb peer_colour(word(ARG4, p), p) title columnheader(1), \
     data index 1 using (1):4:(0):($5-$4) with vectors nohead linewidth 1.5 linecolor rgb black title "", \
     for [p = 1:words(ARG4)] data index p + 1 using 2:1:3:4 with xerrorbars \
         pointtype -1 linewidth 1.2 linecolor rgb "#222222" title "", \
     for [p = 1:words(ARG4)] data index p + 1 using (larger($2, $4)):1:($2 < 1 ? "" : stringcolumn(5)) with labels left offset 0.6, 0 \
         font ",11" textcolor rgb "#333333" noenhanced title "", \
     for [p = 1:words(ARG4)] data index p + 1 using (smaller($2, $3)):1:($2 < 1 ? stringcolumn(5) : "") with labels right offset -0.6, 0 \
         font ",11" textcolor rgb "#333333" noenhanced title "", \
     data index 1 using (low):1:(bold(stringcolumn(2))) with labels left offset 0.6, 0 title "", \
     data index 0 using (low):1:ytic(2) with points pointtype -1 title ""
