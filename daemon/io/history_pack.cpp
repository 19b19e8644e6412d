#include "daemon/io/history_pack.hpp"

// For contexts with an allocator of their own.
#define ZSTD_STATIC_LINKING_ONLY
#include <zstd.h>

#include <algorithm>
#include <bit>
#include <memory>
#include <new>

#include "protocol/limits.hpp"

namespace authd::io {
namespace {

// zstd's buffers hold pieces of the texts, and so of keys: they come from C++'s allocator, which
// the daemon makes overwrite what it frees.
constexpr ZSTD_customMem wiped_memory{
    [](void*, std::size_t bytes) -> void* { return ::operator new(bytes, std::nothrow); },
    [](void*, void* block) { ::operator delete(block); }, nullptr};

using Compressor = std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)>;
using Decompressor = std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)>;

// A window that reaches from the end of the text to the beginning of its base.
int window_log(std::size_t bytes) {
  return std::clamp(static_cast<int>(std::bit_width(bytes)), ZSTD_WINDOWLOG_MIN,
                    ZSTD_WINDOWLOG_LIMIT_DEFAULT);
}

}  // namespace

std::string pack(std::string_view text, std::string_view base) {
  const Compressor context(ZSTD_createCCtx_advanced(wiped_memory), ZSTD_freeCCtx);
  if (!context) return {};
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_windowLog, window_log(text.size() + base.size()));
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_enableLongDistanceMatching, 1);
  ZSTD_CCtx_refPrefix(context.get(), base.data(), base.size());
  std::string packed(ZSTD_compressBound(text.size()), '\0');
  const std::size_t bytes =
      ZSTD_compress2(context.get(), packed.data(), packed.size(), text.data(), text.size());
  packed.resize(ZSTD_isError(bytes) ? 0 : bytes);
  return packed;
}

std::optional<std::string> unpack(std::string_view packed, std::string_view base) {
  const unsigned long long bytes = ZSTD_getFrameContentSize(packed.data(), packed.size());
  if (bytes > limits::settings_bytes_max) return std::nullopt;  // also "unknown" and "no frame"
  const Decompressor context(ZSTD_createDCtx_advanced(wiped_memory), ZSTD_freeDCtx);
  if (!context) return std::nullopt;
  ZSTD_DCtx_setParameter(context.get(), ZSTD_d_windowLogMax, ZSTD_WINDOWLOG_LIMIT_DEFAULT);
  ZSTD_DCtx_refPrefix(context.get(), base.data(), base.size());
  std::string text(bytes, '\0');
  const std::size_t written =
      ZSTD_decompressDCtx(context.get(), text.data(), text.size(), packed.data(), packed.size());
  if (written != text.size()) return std::nullopt;  // an error is a huge number
  return text;
}

}  // namespace authd::io
