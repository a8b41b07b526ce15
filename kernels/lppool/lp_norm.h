/* lp_norm.h: the norm of one window, which forward writes and the gradient divides by. */
#ifndef PB_LP_NORM_H
#define PB_LP_NORM_H

#include "poolbench.h"
#include "window/window.h"
#include <math.h>

/* The norm is largest * root: the window's largest |x|, and (sum (|x| / largest)^p)^(1/p). So no
 * power overflows, and none that counts underflows: a ratio of floats is at least 2^-277. NaN in
 * the window makes both NaN; else Inf makes largest Inf; where there is nothing but 0 both are 0.
 */
struct lp_norm {
    double largest, root;
};

/* The sum is scaled anew whenever a larger element comes (as LAPACK's lassq does for p = 2). */
static inline void lp_norm_add(double x, double power, double *largest, double *sum) {
    const double magnitude = fabs(x);
    if (magnitude > *largest || isnan(x)) {
        *sum = 1 + *sum * pow(*largest / magnitude, power);
        *largest = magnitude;
    } else if (magnitude > 0 && *largest < INFINITY) {
        *sum += pow(magnitude / *largest, power);
    }
}

static inline struct lp_norm lp_norm(const struct pb_problem *p, const struct pb_tensor *input,
                                     int64_t n, int64_t c, int64_t od, int64_t oh, int64_t ow) {
    const struct window_taps d = window_taps(&p->d, od), h = window_taps(&p->h, oh);
    const struct window_taps w = window_taps(&p->w, ow);
    const float *x = input->data;
    double largest = 0, sum = 0;
    for (int64_t kd = 0; kd < d.count; kd++)
        for (int64_t kh = 0; kh < h.count; kh++)
            for (int64_t kw = 0; kw < w.count; kw++)
                lp_norm_add(x[pb_offset(input, n, c, d.first + kd * d.step, h.first + kh * h.step,
                                        w.first + kw * w.step)],
                            p->power, &largest, &sum);
    return (struct lp_norm){largest, pow(sum, 1 / p->power)};
}

#endif
