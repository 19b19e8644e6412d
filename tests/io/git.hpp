// The real git, without anybody's own configuration.
#pragma once

#include <cstdlib>
#include <string>

namespace authd::test {

// Whether it succeeds in this directory; not where there is no git. `home` is where git looks for a person's configuration.
inline bool git_succeeds(const std::string& directory, const std::string& arguments, const std::string& home = "/nonexistent") {
  const std::string command = "cd '" + directory + "' && env -i PATH=\"$PATH\" HOME='" + home + "' GIT_CONFIG_NOSYSTEM=1 git " +
                              "-c user.name=u -c user.email=u@example.org -c protocol.file.allow=always " + arguments + " >/dev/null 2>&1";
  return std::system(command.c_str()) == 0;
}

}  // namespace authd::test
