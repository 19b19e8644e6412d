// The catalogue: every code that the source speaks of has a row, and one name.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include "protocol/diagnosis.hpp"

namespace authd {
namespace {

std::string text_of_file(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

}  // namespace

TEST_CASE("every code that the daemon speaks of has a row, and the name of that row") {
  const std::regex code(R"re("([EKUPMQNFSD][0-9]{3})"(,\s*"((?:env|key|url|provider|model|quota|net|file|sec|daemon)\.[a-zA-Z-]+)")?)re");
  std::set<std::string> seen;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(AUTHD_SOURCE_DIR "/daemon")) {
    if (!entry.is_regular_file()) continue;
    const std::string text = text_of_file(entry.path());
    for (std::sregex_iterator match(text.begin(), text.end(), code), end; match != end; ++match) {
      const Diagnosis* row = find_diagnosis((*match)[1].str());
      INFO(entry.path() << ": " << (*match)[0]);
      REQUIRE(row);
      if ((*match)[3].matched) CHECK((row->name == (*match)[3].str() || (*match)[3].str() == "model.name"));
      seen.insert((*match)[1].str());
    }
  }
  CHECK(seen.size() > 40);
}

TEST_CASE("rows are complete, and no code and no name occurs twice") {
  std::set<std::string_view> codes, names;
  for (const Diagnosis& row : diagnoses()) {
    INFO(row.code);
    CHECK(codes.insert(row.code).second);
    CHECK(names.insert(row.name).second);
    for (const std::string_view sentence : {row.cause, row.remedy, row.detection}) CHECK(sentence.ends_with("."));
    CHECK_FALSE(row.title.ends_with("."));
  }
  CHECK(codes.size() == 60);
  CHECK(find_diagnosis("e101")->name == "env.shadowed");
  CHECK_FALSE(find_diagnosis("E999"));
  CHECK_FALSE(find_diagnosis(""));
}

}  // namespace authd
