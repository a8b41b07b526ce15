# What the plots share. Colours: Okabe and Ito's, told apart by every kind of colour vision.
grey = "#8c8c8c"; orange = "#e69f00"; blue = "#0072b2"; green = "#009e73"
red = "#d55e00"; pink = "#cc79a7"; sky = "#56b4e9"; black = "#222222"
yellow = "#f0e442"
array colour[8] = [blue, orange, green, red, pink, sky, black, grey]

set datafile separator "\t"
set encoding utf8
set border 3 linecolor rgb "#555555"
set grid linetype 1 linewidth 0.6 linecolor rgb "#dddddd"
set tics nomirror textcolor rgb "#333333"
set title noenhanced font ",15" textcolor rgb "#222222"
set xlabel textcolor rgb "#333333"
set ylabel textcolor rgb "#333333"
set key noenhanced textcolor rgb "#222222"

# Other libraries, and methods; those without a colour of their own take the rest in turn.
peer_colour(name, p) = name eq "onednn" ? sky : name eq "xnnpack" ? red : name eq "torch" ? pink : \
                       name eq "onnxruntime" ? black : p % 2 ? green : orange
is_peer(name) = name eq "onednn" || name eq "xnnpack" || name eq "torch" || name eq "onnxruntime"
method_colour(name, m) = name eq "naive" ? grey : name eq "im2col" ? orange : \
                         name eq "simd" || name eq "direct" ? blue : name eq "separable" ? yellow : name eq "scatter" ? green : \
                         is_peer(name) ? peer_colour(name, m) : m % 2 ? green : pink
