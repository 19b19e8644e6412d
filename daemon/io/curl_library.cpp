#include "daemon/io/curl_library.hpp"

#include <dlfcn.h>

#include <optional>

// The header turns some calls into macros that check argument types; here the names are meant.
#undef curl_easy_setopt
#undef curl_easy_getinfo

namespace authd::io {
namespace {

template <class Function>
bool find(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(library, name));
  return function != nullptr;
}

std::optional<CurlLibrary> open_library() {
  void* const library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
  if (!library) return std::nullopt;
  CurlLibrary curl{};
  const bool complete =
      find(library, "curl_global_init", curl.global_init) &&
      find(library, "curl_easy_init", curl.easy_init) &&
      find(library, "curl_easy_cleanup", curl.easy_cleanup) &&
      find(library, "curl_easy_setopt", curl.easy_setopt) &&
      find(library, "curl_easy_getinfo", curl.easy_getinfo) &&
      find(library, "curl_easy_strerror", curl.easy_strerror) &&
      find(library, "curl_slist_append", curl.slist_append) &&
      find(library, "curl_slist_free_all", curl.slist_free_all) &&
      find(library, "curl_multi_init", curl.multi_init) &&
      find(library, "curl_multi_cleanup", curl.multi_cleanup) &&
      find(library, "curl_multi_add_handle", curl.multi_add_handle) &&
      find(library, "curl_multi_remove_handle", curl.multi_remove_handle) &&
      find(library, "curl_multi_perform", curl.multi_perform) &&
      find(library, "curl_multi_poll", curl.multi_poll) &&
      find(library, "curl_multi_info_read", curl.multi_info_read) &&
      find(library, "curl_multi_wakeup", curl.multi_wakeup) &&
      find(library, "curl_url", curl.url) && find(library, "curl_url_cleanup", curl.url_cleanup) &&
      find(library, "curl_url_set", curl.url_set) && find(library, "curl_url_get", curl.url_get) &&
      find(library, "curl_free", curl.free);
  if (!complete || curl.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) return std::nullopt;
  return curl;
}

}  // namespace

const CurlLibrary* curl_library() {
  static const std::optional<CurlLibrary> library = open_library();
  return library ? &*library : nullptr;
}

}  // namespace authd::io
