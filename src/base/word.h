/*
 * word - the value of an enum by its name, as programs tell it one another.
 */
#ifndef BASE_WORD_H
#define BASE_WORD_H

/* The i of 0 .. n - 1 whose name is text; -1: none is, or text is NULL. */
int word_find(const char *text, const char *(*name)(int i), int n);

#endif
