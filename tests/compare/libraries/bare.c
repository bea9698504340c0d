/* A library without the entry point. */
int something_else(void) { return 1; }
