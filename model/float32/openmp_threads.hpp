#pragma once

namespace octet::model::float32 {

// The packaged oneDNN runs on libgomp and takes its number of threads from the calling thread's
// OpenMP setting, both when a primitive is made and when it runs. The engine sets it to 1
// everywhere and shares out the work itself: OpenMP's threads spin while they wait, which costs our
// own threads their cores.
void set_openmp_threads(int threads);

}  // namespace octet::model::float32
