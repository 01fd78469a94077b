#include "lab/hash.h"

#include <string.h>

#include "base/check.h"

/*
 * These numbers are in stores and in expectations of other tests: they must
 * be the same on every machine and in every year.
 */
static void test_golden(void)
{
    /*
     * SplitMix64's published first outputs for the seed 0 are the mix of
     * its increment, once and twice.
     */
    g_assert_cmphex(lab_hash_mix(UINT64_C(0x9E3779B97F4A7C15)), ==,
                    UINT64_C(0xE220A8397B1DCDAF));
    g_assert_cmphex(lab_hash_mix(UINT64_C(0x3C6EF372FE94F82A)), ==,
                    UINT64_C(0x6E789E6AA1B965F4));
    g_assert_cmphex(lab_hash_mix(0), ==, 0);
}

static void test_input_counts(void)
{
    g_assert_cmphex(lab_hash_u64(1, 2), !=, lab_hash_u64(2, 1));
    g_assert_cmphex(lab_hash_u64(1, 2), !=, lab_hash_u64(1, 3));
    g_assert_cmphex(lab_hash_bytes(1, "ab", 2), !=, lab_hash_bytes(2, "ab", 2));
    g_assert_cmphex(lab_hash_bytes(1, "ab", 2), !=, lab_hash_bytes(1, "ba", 2));
    g_assert_cmphex(lab_hash_bytes(1, "a", 1), !=, lab_hash_bytes(1, "a\0", 2));
    g_assert_cmphex(lab_hash_bytes(1, "", 0), ==, lab_hash_bytes(1, "x", 0));
}

/* A shorter fill is the beginning of a longer one. */
static void test_fill(void)
{
    uint8_t a[40] = { 0 }, b[40] = { 0 }, c[40] = { 0 };
    unsigned int zeros = 0;

    lab_hash_fill(5, a, sizeof(a));
    lab_hash_fill(5, b, 13);
    lab_hash_fill(6, c, sizeof(c));
    g_assert_true(memcmp(a, b, 13) == 0);
    g_assert_cmpint(b[13], ==, 0);
    g_assert_true(memcmp(a, c, sizeof(a)) != 0);
    for (size_t i = 0; i < sizeof(a); i++)
        zeros += a[i] == 0;
    g_assert_cmpuint(zeros, <, 5);
}

/* Each bit of the input turns about half of the output. */
static void test_spread(void)
{
    for (int bit = 0; bit < 64; bit++) {
        uint64_t turned =
            lab_hash_u64(7, 99) ^ lab_hash_u64(7, 99 ^ UINT64_C(1) << bit);
        int n = __builtin_popcountll(turned);

        g_assert_cmpint(n, >, 12);
        g_assert_cmpint(n, <, 52);
    }
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    g_test_add_func("/hash/golden", test_golden);
    g_test_add_func("/hash/input-counts", test_input_counts);
    g_test_add_func("/hash/fill", test_fill);
    g_test_add_func("/hash/spread", test_spread);
    return g_test_run();
}
