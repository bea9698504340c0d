// expected: a char has two bytes
#include "quadric/base/types.hpp"

static_assert(sizeof(char) == 2, "a char has two bytes");
int main() { return 0; }
