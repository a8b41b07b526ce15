/* Google Benchmark for C: the only C++ of the core. */
#include "bench/gbench.h"
#include "common/progress.h"
#include "core/text.h"
#include <benchmark/benchmark.h>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <list>
#include <random>
#include <sstream>
#include <string>
#include <vector>

namespace {

/* Google Benchmark writes some control characters, and all bytes, into its JSON as they are. */
std::string line_of(const char *text) {
    std::string line = text ? text : "";
    text_make_line(line.data());
    return line;
}

/* How far the run is. A repetition runs as often as the calibration before it decided, so calls
 * with the same iteration count are repetitions, and a larger count starts anew. */
struct Progress {
    size_t registered = 0, done = 0;

    void line(const std::string &name) const {
        progress_show("%4zu of %zu  %s", done, total(), name.c_str());
    }
    size_t total() const;
};
Progress progress_;
int repetitions_ = 5;

size_t Progress::total() const {
    return registered * static_cast<size_t>(repetitions_);
}

struct Case {
    std::string name, label;
    gbench_call *begin, *call, *check, *end;
    void *arg;
    benchmark::UserCounters counters;
    benchmark::IterationCount iterations = 0;
    size_t repeated = 0;
    /* What was wrong once stays so: Google Benchmark 1.7 reads memory that was never written where
     * the first repetition failed and others did not. */
    std::string wrong;

    /* One of so many iterations; none where there is nothing to check. */
    benchmark::IterationCount chosen(benchmark::IterationCount count) const {
        static std::mt19937_64 random{std::random_device{}()};
        if (!check || count < 1) return -1;
        return static_cast<benchmark::IterationCount>(random() % static_cast<std::uint64_t>(count));
    }

    const char *look(benchmark::State &state) const {
        state.PauseTiming();
        const char *error = check(arg);
        state.ResumeTiming();
        return error;
    }

    void skip(benchmark::State &state, const char *error) {
        wrong = line_of(error);
        state.SkipWithError(wrong.c_str());
    }

    void run(benchmark::State &state) {
        progress_.line(name);
        const char *error = !wrong.empty() ? wrong.c_str() : begin ? begin(arg) : nullptr;
        if (error) skip(state, error);
        benchmark::IterationCount left = chosen(state.max_iterations);
        for (auto _ : state) {
            if (left-- == 0) error = look(state);
            if (error || (error = call(arg))) {
                skip(state, error);
                break;
            }
        }
        if (!error && end && (error = end(arg))) skip(state, error);
        state.counters.insert(counters.begin(), counters.end());
        state.SetLabel(label);
        if (state.iterations() != iterations) progress_.done -= repeated, repeated = 0;
        iterations = state.iterations();
        repeated++, progress_.done++;
    }
};

/* JSON in which a benchmark's name is what it was registered as, where Google Benchmark would
 * append the kind of clock, and without NaN, which is no JSON: the variation of a counter that is
 * 0. */
class Reporter : public benchmark::JSONReporter {
  public:
    void ReportRuns(const std::vector<Run> &reports) override {
        std::vector<Run> runs = reports;
        for (Run &run : runs) {
            run.run_name.time_type.clear();
            for (auto i = run.counters.begin(); i != run.counters.end();)
                i = std::isnan(i->second.value) ? run.counters.erase(i) : std::next(i);
        }
        JSONReporter::ReportRuns(runs);
    }
};

/* What --benchmark_min_time=SECONDS ends with: from 1.8 on Google Benchmark complains of a plain
 * number, before that of one with a unit. Either works here; 'Nx' is a number of iterations. */
#ifndef MIN_TIME_UNIT
#define MIN_TIME_UNIT ""
#endif
std::string min_time_option(std::string option) {
    const char last = option.back();
    if (last == 's') option.pop_back();
    return last == 'x' ? option : option + MIN_TIME_UNIT;
}

} // namespace

void gbench_context(const char *key, const char *value) {
    benchmark::AddCustomContext(line_of(key), line_of(value));
}

void gbench_register(const struct gbench_case *timed) {
    Case copy;
    copy.name = line_of(timed->name);
    copy.label = line_of(timed->label);
    copy.begin = timed->begin;
    copy.call = timed->call;
    copy.check = timed->check;
    copy.end = timed->end;
    copy.arg = timed->arg;
    for (size_t i = 0; i < timed->count; i++) {
        const gbench_counter &counter = timed->counters[i];
        if (counter.rate && counter.value == 0) continue;
        copy.counters[counter.name] = benchmark::Counter(
                counter.value, counter.rate ? benchmark::Counter::kIsIterationInvariantRate
                                            : benchmark::Counter::kDefaults);
    }
    benchmark::RegisterBenchmark(copy.name.c_str(),
                                 [copy](benchmark::State &state) mutable { copy.run(state); })
            ->UseRealTime()
            ->Unit(benchmark::kMicrosecond);
    progress_.registered++;
}

bool gbench_options(int argc, char **argv) {
    static char program[] = "poolbench", repetitions[] = "--benchmark_repetitions=5",
                min_time[] = "--benchmark_min_time=0.05",
                interleave[] = "--benchmark_enable_random_interleaving=true";
    std::vector<char *> all = {program, repetitions, min_time, interleave};
    all.insert(all.end(), argv, argv + argc);
    static std::list<std::string> rewritten; // outlives the call, as argv does
    for (char *&option : all)
        if (std::strncmp(option, "--benchmark_min_time=", 21) == 0)
            option = rewritten.emplace_back(min_time_option(option)).data();
    const char key[] = "--benchmark_repetitions=";
    for (char *option : all)
        if (std::strncmp(option, key, sizeof key - 1) == 0)
            repetitions_ = std::atoi(option + sizeof key - 1);
    int count = static_cast<int>(all.size());
    benchmark::Initialize(&count, all.data());
    return !benchmark::ReportUnrecognizedArguments(count, all.data());
}

int gbench_repetitions(void) {
    return repetitions_;
}

void gbench_clear(void) {
    benchmark::ClearRegisteredBenchmarks();
    progress_ = Progress();
}

char *gbench_run(void) {
    std::ostringstream json;
    Reporter reporter;
    reporter.SetOutputStream(&json);
    benchmark::RunSpecifiedBenchmarks(&reporter);
    progress_clear();
    return strdup(json.str().c_str());
}
