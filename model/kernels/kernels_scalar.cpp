#define OCTET_KERNEL_NAMESPACE scalar
#define OCTET_KERNEL_NAME "scalar"
#include "model/kernels/kernels.inc"
