// The index of a git work tree: whether it lists a file.
#pragma once

#include <string_view>

namespace authd::core {

// Whether an index of version 2, 3 or 4 holds this path, which is relative to the work tree and has
// no "./" in it. False where the bytes are no such index, and for what it does not say itself: the
// entries of a shared index beside it, and of a sparse directory. Linear in the bytes.
bool git_index_holds(std::string_view index_bytes, std::string_view path_in_work_tree);

// Whether such a path is not tracked where the index does not hold it: the index is whole, all its
// parts are known, and it leaves out neither a shared index nor a sparse directory above the path.
bool git_index_is_complete(std::string_view index_bytes, std::string_view path_in_work_tree);

}  // namespace authd::core
