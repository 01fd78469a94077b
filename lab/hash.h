/*
 * hash - numbers that look random and follow from a seed.
 *
 * Not for security: for keys, orders and generated content that must be the
 * same on every machine.
 */
#ifndef LAB_HASH_H
#define LAB_HASH_H

#include <stddef.h>
#include <stdint.h>

/* The finaliser of SplitMix64: every bit of the result hangs on every bit. */
static inline uint64_t lab_hash_mix(uint64_t x)
{
    x ^= x >> 30;
    x *= UINT64_C(0xBF58476D1CE4E5B9);
    x ^= x >> 27;
    x *= UINT64_C(0x94D049BB133111EB);
    return x ^ x >> 31;
}

static inline uint64_t lab_hash_u64(uint64_t seed, uint64_t v)
{
    return lab_hash_mix(lab_hash_mix(seed + UINT64_C(0x9E3779B97F4A7C15)) ^ v);
}

static inline uint64_t lab_hash_bytes(uint64_t seed, const void *data, size_t n)
{
    const uint8_t *p = data;
    uint64_t h = lab_hash_u64(seed, n);

    for (size_t i = 0; i < n; i++)
        h = (h ^ p[i]) * UINT64_C(0x100000001B3);
    return lab_hash_mix(h);
}

/* n bytes that follow from seed. */
static inline void lab_hash_fill(uint64_t seed, void *to, size_t n)
{
    uint8_t *p = to;
    uint64_t h = 0;

    for (size_t i = 0; i < n; i++) {
        if (i % 8 == 0)
            h = lab_hash_u64(seed, i);
        p[i] = (uint8_t)(h >> i % 8 * 8);
    }
}

#endif
