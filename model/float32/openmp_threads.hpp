#pragma once

namespace octet::model::float32 {

// The packaged oneDNN runs on libgomp and takes its number of threads from the calling thread's
// OpenMP setting, both when a primitive is made and when it runs.
void set_openmp_threads(int threads);

}  // namespace octet::model::float32
