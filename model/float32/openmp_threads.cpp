#include "model/float32/openmp_threads.hpp"

// Declared here because <omp.h> comes with the compiler, and clang's belongs to another library.
extern "C" void omp_set_num_threads(int threads);

namespace octet::model::float32 {

void set_openmp_threads(int threads) { omp_set_num_threads(threads); }

}  // namespace octet::model::float32
