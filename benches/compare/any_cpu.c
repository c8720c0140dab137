/* Preloaded, this lets MKL run its code for AVX2 and AVX-512 on processors that are not Intel's, too. */
static int yes(void) { return 1; }
void *mkl_serv_get_cpu_true(void) { return yes; }
void *mkl_serv_get_cpu(void) { return yes; }
