
Blinear.biasJ(É0=…<œD=6wˆ=Exu¼ˆYŸ=»	˜=¹áÒ<o÷¬½Ú‚¼