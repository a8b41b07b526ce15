# Share of the machine's limit by method, a group of bars per shape.
# gnuplot -c limit.gp STYLE DATA OUT.svg SHAPES TITLE LOW HIGH
# DATA as time.gp has it; HIGH is the right end, 1 is the limit.
load ARG1
shapes = ARG4 + 0
set terminal svg size 900, 120 + 46 * shapes dynamic font "Helvetica,13" background rgb "#ffffff"
set output ARG3
set title ARG5 noenhanced textcolor rgb "#222222"
set xlabel "share of the machine's limit in % (100: as fast as memory or arithmetic allow)"
set xrange [0 : 100 * ARG7]
set yrange [-shapes + 0.45 : 0.55]
set ytics scale 0 noenhanced
set grid xtics noytics
set key outside top center horizontal
set arrow from 100, graph 0 to 100, graph 1 nohead linewidth 1.5 linecolor rgb red
array name[3] = ["naive", "im2col", "simd"]
array fill[3] = [grey, orange, blue]
y(m) = 0.54 - 0.27 * m - $0
plot DATA = ARG2, \
     for [m = 1:3] DATA using (0):(y(m)):(0):(100*column(5*m+1)):(y(m)-0.12):(y(m)+0.12) \
         with boxxyerror fillstyle solid 1 noborder linecolor rgb fill[m] title name[m], \
     for [m = 1:3] DATA using (100*column(5*m+1)):(y(m)):(sprintf("%.0f %%", 100*column(5*m+1))) \
         with labels left offset 0.6, 0 font ",10" textcolor rgb "#444444" noenhanced notitle, \
     DATA using (0):(-$0):ytic(1) with points pointtype -1 notitle
