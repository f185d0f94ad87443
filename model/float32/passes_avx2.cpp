#define OCTET_PASSES_NAMESPACE avx2
#include "model/float32/passes.inc"
