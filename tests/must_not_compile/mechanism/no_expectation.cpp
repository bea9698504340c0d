static_assert(sizeof(char) == 2, "a char has two bytes");
int main() { return 0; }
