# OCTET_KERNELS_ONLY: the arithmetic and the integer engine without the parts that read files, the
# float32 engine or the machine, whose libraries are not there for another processor. One library
# under the usual name, so that the tests need not know.
file(GLOB sources CONFIGURE_DEPENDS
     ${CMAKE_SOURCE_DIR}/model/fixed/*.cpp ${CMAKE_SOURCE_DIR}/model/kernels/*.cpp
     ${CMAKE_SOURCE_DIR}/model/quant/*.cpp ${CMAKE_SOURCE_DIR}/model/ops/*.cpp
     ${CMAKE_SOURCE_DIR}/model/trainer/*.cpp)
list(FILTER sources EXCLUDE REGEX "kernels/.*_(avx|amx)|quant/recipe.cpp|trainer/(engine|trainer).cpp")
add_library(octet_model STATIC ${sources} ${CMAKE_SOURCE_DIR}/common/buffer.cpp
            ${CMAKE_SOURCE_DIR}/common/error.cpp ${CMAKE_SOURCE_DIR}/common/thread_pool.cpp
            ${CMAKE_SOURCE_DIR}/workloads/graph/op.cpp)
target_link_libraries(octet_model PUBLIC octet_flags Threads::Threads)
# fmt's library is the host's; its headers serve every processor.
target_compile_definitions(octet_model PUBLIC FMT_HEADER_ONLY)
