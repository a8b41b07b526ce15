/* Plug-ins: what is loaded stands in the table, what is no plug-in is refused with a sentence. Each
 * test is a process of its own, so that what one loads no other sees. */
#include "conformance/row_checks.h"
#include "tools/problem_text.h"
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PLUGIN(name) PLUGINS "/plugins/plugin_" name ".so"

static const struct pb_kernel *kernel_called(const char *name) {
    for (size_t i = 0; i < pb_kernel_count(); i++)
        if (!strcmp(pb_kernel_at(i)->name, name)) return pb_kernel_at(i);
    return NULL;
}

/* ---- Loading --------------------------------------------------------------------------------- */

Test(provider, its_kernels_stand_last_in_the_table) {
    size_t own = pb_kernel_count();
    cr_assert_eq(pb_provider_load(PLUGIN("none")), PB_OK, "%s", pb_error());
    cr_assert_eq(pb_kernel_count(), own + 1);
    const struct pb_kernel *kernel = pb_kernel_at(own);
    cr_expect_str_eq(kernel->name, "plug_max");
    cr_expect_str_eq(pb_kernel_method(kernel), "plug");
    cr_assert_eq(pb_provider_count(), 1);
    cr_expect_eq(pb_kernel_provider(kernel), pb_provider_at(0));
    cr_expect_str_eq(pb_provider_at(0)->name, "plug");
    cr_expect_str_eq(pb_provider_at(0)->version(), "7.8");
    cr_expect_null(pb_kernel_provider(pb_kernel_at(0)));
}

Test(provider, two_stand_in_the_order_of_loading) {
    size_t own = pb_kernel_count();
    cr_assert_eq(pb_provider_load(PLUGINS "/example.so"), PB_OK, "%s", pb_error());
    cr_assert_eq(pb_provider_load(PLUGIN("none")), PB_OK, "%s", pb_error());
    cr_assert_eq(pb_kernel_count(), own + 2);
    cr_expect_str_eq(pb_kernel_at(own)->name, "example_gmp_f32_nhwc");
    cr_expect_str_eq(pb_kernel_at(own + 1)->name, "plug_max");
    cr_expect_eq(pb_kernel_provider(pb_kernel_at(own + 1)), pb_provider_at(1));
}

Test(provider, loading_again_changes_nothing) {
    cr_assert_eq(pb_provider_load(PLUGIN("none")), PB_OK, "%s", pb_error());
    size_t kernels = pb_kernel_count();
    cr_expect_eq(pb_provider_load(PLUGIN("none")), PB_OK, "%s", pb_error());
    cr_expect_eq(pb_kernel_count(), kernels);
}

Test(provider, selected_only_when_asked_for) {
    struct pb_problem p = problem_of("max:ic3ih4kh1");
    const struct pb_kernel *own = pb_select(&p, NULL);
    cr_assert_eq(pb_provider_load(PLUGIN("none")), PB_OK, "%s", pb_error());
    cr_expect_eq(pb_select(&p, NULL), own);
    cr_expect_eq(pb_select(&p, "*"), own);
    cr_expect_eq(pb_select(&p, "plug_*"), kernel_called("plug_max"));
}

Test(provider, implementations_are_named) {
    bool reference = false;
    cr_assert_eq(pb_provider_load(PLUGIN("none")), PB_OK, "%s", pb_error());
    cr_expect_str_eq(pb_kernel_implementation(kernel_called("plug_max"), NULL, &reference),
                     "by hand");
    cr_expect(reference);
    cr_expect_str_eq(pb_kernel_implementation(pb_kernel_at(0), NULL, &reference), "");
    cr_expect_not(reference);
}

Test(provider, differences_are_found_where_they_were_declared) {
    cr_assert_eq(pb_provider_load(PLUGIN("none")), PB_OK, "%s", pb_error());
    const struct pb_kernel *kernel = kernel_called("plug_max");
    struct pb_problem few = problem_of("max:ic3ih4kh1"), many = problem_of("max:ic101ih4kh1");
    cr_expect_null(pb_kernel_difference(kernel, &few, PB_ALWAYS));
    cr_expect_null(pb_kernel_difference(kernel, &few, PB_WITH_THREADS));
    const struct pb_difference *found = pb_kernel_difference(kernel, &few, PB_WITH_SPECIAL);
    cr_assert_not_null(found);
    cr_expect_str_eq(found->rule, "max_nan");
    cr_expect_str_eq(found->known_defect, "tensorflow_125965_nan_in_every_channel");
    found = pb_kernel_difference(kernel, &many, PB_ALWAYS);
    cr_assert_not_null(found);
    cr_expect_str_eq(found->rule, "results");
    cr_expect_null(found->known_defect);
    cr_expect_null(pb_kernel_difference(pb_kernel_at(0), &many, PB_WITH_SPECIAL));
}

/* A declared difference is found by the ids that the contract has. */
Test(provider, differences_name_rules_and_known_defects) {
    static const struct {
        struct pb_difference declared;
        const char *sentence;
    } rows[] = {
            {{.rule = "max, NaN"}, "plug declares a difference from 'max, NaN', which is no rule"},
            {{.rule = "relation_box"},
             "plug declares a difference from 'relation_box', which is no rule"},
            {{.rule = NULL}, "plug declares a difference from '', which is no rule"},
            {{.rule = "max_nan", .known_defect = "max_tie"},
             "plug declares a difference as 'max_tie', which is no known defect"},
    };
    cr_assert_eq(pb_provider_load(PLUGIN("none")), PB_OK, "%s", pb_error());
    struct pb_provider provider = *pb_provider_at(0);
    cr_expect_eq(pb_differences_check(&provider), PB_OK, "%s", pb_error());
    provider.difference_count = 1;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        provider.differences = &rows[i].declared;
        cr_expect_eq(pb_differences_check(&provider), PB_PROVIDER, "row %zu", i);
        cr_expect_str_eq(pb_error(), rows[i].sentence);
    }
}

Test(provider, what_was_declared_is_no_failure) {
    struct pb_problem p = problem_of("max:ic3ih4kh1");
    struct pb_finding special = {0}, plain = {0};
    cr_assert_eq(pb_provider_load(PLUGIN("none")), PB_OK, "%s", pb_error());
    pb_fail(PB_PROVIDER, "dst is wrong");
    row_check_count(&special, PB_PROVIDER, kernel_called("plug_max"), &p, true);
    row_check_count(&plain, PB_PROVIDER, kernel_called("plug_max"), &p, false);
    cr_expect_eq(special.verdict, PB_ROW_DEVIATION);
    cr_expect_str_eq(special.sentence, "declared (max_nan): a NaN may be lost. dst is wrong");
    cr_expect_eq(plain.verdict, PB_ROW_FAIL);
    cr_expect_str_eq(plain.sentence, "dst is wrong");
}

/* Buffers leave readable what a provider says it reads behind them, and the rest
 * traps as before. */
Test(provider, what_it_reads_past_a_tensor_does_not_trap) {
    struct pb_buffer before, after;
    cr_assert_eq(pb_buffer_alloc_at(&before, 64, PB_LAST, 4), PB_OK, "%s", pb_error());
    cr_assert_eq(pb_provider_load(PLUGIN("none")), PB_OK, "%s", pb_error());
    cr_assert_eq(pb_buffer_alloc_at(&after, 64, PB_LAST, 4), PB_OK, "%s", pb_error());
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    cr_expect_eq(((uintptr_t)before.data + 64) % page, 0);
    cr_expect_eq(((uintptr_t)after.data + 64) % page, page - 24);
    ((unsigned char *)after.data)[64]++;
    cr_expect_not(pb_buffer_intact(&after), "writing there is seen");
    pb_buffer_free(&before);
    pb_buffer_free(&after);
}

/* ---- Refused --------------------------------------------------------------------------------- */

static void expect_refused(const char *path, enum pb_status status, const char *thing) {
    size_t kernels = pb_kernel_count(), providers = pb_provider_count();
    cr_expect_eq(pb_provider_load(path), status, "%s", path);
    cr_expect(strstr(pb_error(), thing), "no \"%s\" in: %s", thing, pb_error());
    cr_expect(strstr(pb_error(), path), "no \"%s\" in: %s", path, pb_error());
    cr_expect_eq(pb_kernel_count(), kernels);
    cr_expect_eq(pb_provider_count(), providers);
}

Test(provider, a_missing_file) {
    expect_refused("/no/such/plugin.so", PB_IO, "No such file");
    expect_refused("no_such_plugin.so", PB_IO, "No such file");
    expect_refused("", PB_IO, "./");
}

Test(provider, no_shared_object) {
    expect_refused(GOLDEN_DIR "/max_3d/model.onnx", PB_IO, "invalid ELF header");
}

Test(provider, a_path_that_is_too_long) {
    char path[8192];
    memset(path, 'x', sizeof path - 1);
    path[sizeof path - 1] = 0;
    cr_expect_eq(pb_provider_load(path), PB_IO);
    cr_expect(strstr(pb_error(), "8191"), "%s", pb_error());
}

Test(provider, no_plugin) {
    expect_refused(PLUGINS "/plugins/no_plugin.so", PB_PROVIDER, "no pb_provider");
}

Test(provider, another_abi) {
    char theirs[16];
    snprintf(theirs, sizeof theirs, "ABI %d", PB_PROVIDER_ABI + 1);
    expect_refused(PLUGIN("abi"), PB_PROVIDER, theirs);
}

Test(provider, another_header) {
    expect_refused(PLUGIN("size"), PB_PROVIDER, "struct pb_problem");
}

Test(provider, an_incomplete_one) {
    expect_refused(PLUGIN("empty"), PB_PROVIDER, "lacks a name, start, version");
}

Test(provider, incomplete_or_misnamed_kernels) {
    expect_refused(PLUGIN("nameless"), PB_PROVIDER, "its kernel 0 has no name");
    expect_refused(PLUGIN("incomplete"), PB_PROVIDER, "plug_max lacks");
    expect_refused(PLUGIN("name"), PB_PROVIDER, "maxpool_f32_naive is not called plug_");
    expect_refused(PLUGIN("twice"), PB_PROVIDER, "two kernels plug_max");
}

/* Another plug-in with a kernel of a name that is in the table. */
Test(provider, a_name_that_is_taken) {
    cr_assert_eq(pb_provider_load(PLUGIN("none")), PB_OK, "%s", pb_error());
    expect_refused(PLUGIN("crash"), PB_PROVIDER, "plug_max is loaded already");
}

Test(provider, one_that_does_not_start) {
    expect_refused(PLUGIN("start"), PB_PROVIDER, "licence");
}

/* What a plug-in says of itself and cannot be is refused before it is started; a version after. */
Test(provider, one_that_says_what_cannot_be) {
    static const struct {
        const char *plugin, *thing;
    } rows[] = {
            {"reads_past", "reads 4097 bytes past a tensor"},
            {"reads_all", "reads 18446744073709551615 bytes past a tensor"},
            {"glob", "`kernels` of its difference 0"},
            {"rule", "`rule` of its difference 0"},
            {"sentence", "`sentence` of its difference 0"},
            {"when", "`when` of its difference 0 is 7, not 0 to 2"},
            {"differences", "18446744073709551615 differences"},
            {"version", "its version is not a line"},
            {"escape", "its version is not a line"},
            {"name", "its name, '../untrue', is not"},
            {"method", "its name, naive, is that of a method"},
            {"empty", "its name, '', is not"},
            {"kernel", "the name of its kernel 0, 'untrue_a/b', is not"},
            {"line", "the name of its kernel 0, 'untrue_a b', is not"},
            {"latin", "the name of its kernel 0, 'untrue_?', is not"},
            {"globbed", "the name of its kernel 0, 'untrue_*', is not"},
            {"long", "the name of its kernel 0, 'untrue_0123456789"},
            {"can_do", "untrue_x lacks one of the four calls"},
            {"setup", "untrue_x lacks one of the four calls"},
            {"done", "untrue_x lacks one of the four calls"},
            {"isa", "untrue_x needs an ISA that is not known, 0x40000000"},
            {"kernels", "18446744073709551615 kernels, not 1 to"},
            {"none", "0 kernels, not 1 to"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char path[1024];
        snprintf(path, sizeof path, PLUGINS "/plugins/untrue_%s.so", rows[i].plugin);
        expect_refused(path, PB_PROVIDER, rows[i].thing);
    }
    expect_refused(PLUGINS "/plugins/no_object.so", PB_PROVIDER, "no pb_provider");
}

/* ---- The example ----------------------------------------------------------------------------- */

Test(provider, the_example_keeps_the_contract) {
    static const char *const problems[] = {
            "gmp:nhwc:mb1ic1ih1",          "gmp:nhwc:mb2ic17ih7", "gmp:nhwc:mb3ic5id2ih3iw4",
            "gmp:nhwc:mb2ic3ih1iw9kh1kw9", "gmp:nhwc:mb0ic3ih4",
    };
    cr_assert_eq(pb_provider_load(PLUGINS "/example.so"), PB_OK, "%s", pb_error());
    const struct pb_kernel *kernel = kernel_called("example_gmp_f32_nhwc");
    for (size_t i = 0; i < sizeof problems / sizeof problems[0]; i++)
        for (int family = 0; family < PB_DATA_PATTERNS; family++) {
            struct pb_problem p = problem_of(problems[i]);
            struct pb_trial trial = {0};
            cr_assert(kernel->can_do(&p), "%s", problems[i]);
            cr_assert_eq(pb_trial_begin(&trial, &p, (enum pb_data_pattern)family, 1), PB_OK, "%s",
                         pb_error());
            cr_expect_eq(pb_trial_check(&trial, kernel, false), PB_OK, "%s", pb_error());
            pb_trial_end(&trial);
        }
}

/* ---- The program ----------------------------------------------------------------------------- */

/* Runs `poolbench WORDS` and returns its exit status, with all that it says. */
static int program(const char *words, char *said, size_t size) {
    char command[4096];
    snprintf(command, sizeof command, "%s %s 2>&1", POOLBENCH_PROGRAM, words);
    FILE *output = popen(command, "r");
    cr_assert_not_null(output);
    said[fread(said, 1, size - 1, output)] = 0;
    int status = pclose(output);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

Test(provider, the_program_lists_and_verifies_it) {
    char said[8192];
    cr_expect_eq(
            program("list gmp:nhwc:ic3ih4 --provider " PLUGINS "/example.so", said, sizeof said),
            0);
    cr_expect(strstr(said, "example_gmp_f32_nhwc"), "%s", said);
    cr_expect_eq(program("verify gmp:nhwc:ic3ih4 --kernel 'example_*' --provider " PLUGINS
                         "/example.so",
                         said, sizeof said),
                 0);
    cr_expect(strstr(said, "1 problems") && strstr(said, " passed, 0 failed"), "%s", said);
}

Test(provider, the_program_goes_on_after_a_bad_one_and_is_not_green) {
    char said[8192];
    cr_expect_eq(program("verify gmp:nhwc:ic3ih4 --kernel 'example_*' --provider " PLUGIN(
                                 "abi") " --provider " PLUGINS "/example.so",
                         said, sizeof said),
                 1);
    cr_expect(strstr(said, "plugin_abi.so"), "%s", said);
    cr_expect(strstr(said, "1 problems") && strstr(said, " passed, 0 failed"), "%s", said);
}

Test(provider, the_program_does_not_begin_without_a_file_that_was_named) {
    char said[8192];
    cr_expect_eq(program("verify gmp:nhwc:ic3ih4 --provider /no/such.so", said, sizeof said), 2);
    cr_expect(strstr(said, "/no/such.so: No such file"), "%s", said);
    cr_expect_null(strstr(said, "problems"), "%s", said);
}

/* Three of the plug-in's kernels abort, in can_do, in setup and in run. */
Test(provider, the_program_times_and_lists_the_rest_where_kernels_crash) {
    static const char *const sentences[] = {
            "plug_can_do: crashed in can_do: Aborted",
            "plug_setup: crashed in setup: Aborted",
            "plug_run: crashed in run: Aborted",
    };
    char said[8192];
    const char *plugin = "--provider " PLUGIN("crash");
    char words[1024];
    snprintf(words, sizeof words,
             "bench max:mb1ic1ih4kh1 %s --kernel '*_[!e]*' --benchmark_min_time=0.001", plugin);
    cr_expect_eq(program(words, said, sizeof said), 1, "%s", said);
    for (size_t i = 0; i < sizeof sentences / sizeof sentences[0]; i++)
        cr_expect(strstr(said, sentences[i]), "no \"%s\" in:\n%s", sentences[i], said);
    cr_expect(strstr(said, "by hand (a reference)"), "%s", said);
    snprintf(words, sizeof words, "list max:mb1ic1ih4kh1 %s", plugin);
    cr_expect_eq(program(words, said, sizeof said), 1, "%s", said);
    cr_expect(strstr(said, "left out: plug_can_do: crashed in can_do: Aborted\n"), "%s", said);
    cr_expect(strstr(said, "plug_max"), "%s", said);
}

Test(provider, the_program_lists_the_rest_where_can_do_loops, .timeout = 60) {
    char said[8192];
    cr_expect_eq(program("list max:mb1ic1ih4kh1 --provider " PLUGIN("loops"), said, sizeof said), 1,
                 "%s", said);
    cr_expect(strstr(said, "poolbench: left out: plug_can_do: hung in can_do: not done after 2 s "
                           "of processor time\n"),
              "%s", said);
    cr_expect(strstr(said, "plug_max"), "%s", said);
}
