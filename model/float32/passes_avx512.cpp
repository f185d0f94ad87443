#define OCTET_PASSES_NAMESPACE avx512
#include "model/float32/passes.inc"
