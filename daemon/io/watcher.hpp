// Which files others touch: inotify on their directories, because a file that is replaced is a new
// one. Settings thread only.
#pragma once

#include <map>
#include <set>
#include <string>

#include "daemon/io/file_descriptor.hpp"

namespace authd::io {

class Watcher {
 public:
  // Without inotify (too many instances) it watches nothing; readings still notice what changed.
  Watcher();

  int fd() const { return inotify_.get(); }  // readable when something was touched; -1 without

  // Watches a file's name, what its symlink leads to, and while its directory is missing, the
  // place where that would appear. At most watched_files_max files, then no more.
  void watch(const std::string& path);

  // The files that were touched since. After an overflow of the kernel's queue all of them.
  std::set<std::string> touched();

 private:
  void watch_name(const std::string& path, const std::string& file);
  void forget_directory(int watch);

  struct Directory {
    std::string path;
    std::multimap<std::string, std::string> files;  // name in it -> the settings file it is about
  };
  FileDescriptor inotify_;
  std::map<int, Directory> directories_;
  std::set<std::string> files_;
};

}  // namespace authd::io
