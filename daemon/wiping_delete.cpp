// Every block of memory that C++ gives back is overwritten first: a key that has passed through a
// string, a JSON value or a buffer is not left behind in free memory. One place instead of many,
// so none can be forgotten. Sanitizers bring their own allocator and are left alone.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

#include <malloc.h>
#include <string.h>

#include <cstdlib>
#include <new>

namespace {
void wipe_and_free(void* block) noexcept {
  if (!block) return;
  explicit_bzero(block, malloc_usable_size(block));
  std::free(block);
}
}  // namespace

void operator delete(void* block) noexcept { wipe_and_free(block); }
void operator delete[](void* block) noexcept { wipe_and_free(block); }
void operator delete(void* block, std::size_t) noexcept { wipe_and_free(block); }
void operator delete[](void* block, std::size_t) noexcept { wipe_and_free(block); }
void operator delete(void* block, std::align_val_t) noexcept { wipe_and_free(block); }
void operator delete[](void* block, std::align_val_t) noexcept { wipe_and_free(block); }
void operator delete(void* block, std::size_t, std::align_val_t) noexcept { wipe_and_free(block); }
void operator delete[](void* block, std::size_t, std::align_val_t) noexcept {
  wipe_and_free(block);
}

#endif
