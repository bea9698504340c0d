// expected: nothing is wrong here
int main() { return 0; }
