#include "client/key.hpp"

#include <catch2/catch.hpp>

#include "client/line_editor.hpp"

using namespace authd::client;

namespace {

// Keys by short names, so that a table of bytes reads at a glance.
std::string name_of(const Key& key) {
  switch (key.kind) {
    case Key::Kind::character: return key.text;
    case Key::Kind::paste: return "paste(" + key.text + ")";
    case Key::Kind::control: return std::string("^") + key.letter;
    case Key::Kind::enter: return "Enter";
    case Key::Kind::escape: return "Esc";
    case Key::Kind::tab: return "Tab";
    case Key::Kind::backspace: return "Backspace";
    case Key::Kind::erase: return "Delete";
    case Key::Kind::left: return "Left";
    case Key::Kind::right: return "Right";
    case Key::Kind::up: return "Up";
    case Key::Kind::down: return "Down";
    case Key::Kind::home: return "Home";
    case Key::Kind::end: return "End";
    case Key::Kind::page_up: return "PageUp";
    case Key::Kind::page_down: return "PageDown";
  }
  return "?";
}

std::string names_of(KeyDecoder& decoder) {
  std::string names;
  while (const auto key = decoder.take()) names += (names.empty() ? "" : " ") + name_of(*key);
  return names;
}

}  // namespace

TEST_CASE("bytes of a terminal become keys, whatever pieces they come in") {
  struct Row {
    std::string bytes, names;
  };
  const std::vector<Row> rows{
      {"ab", "a b"},
      {"ü中", "ü 中"},
      {"\r", "Enter"},
      {"\n", "Enter"},
      {"\t", "Tab"},
      {"\x7f\b", "Backspace Backspace"},
      {"\x01\x05\x15\x0b\x17\x03\x04", "^a ^e ^u ^k ^w ^c ^d"},
      {"\x1b[A\x1b[B\x1b[C\x1b[D", "Up Down Right Left"},
      {"\x1bOA\x1bOB\x1bOH\x1bOF", "Up Down Home End"},
      {"\x1b[H\x1b[F\x1b[1~\x1b[4~\x1b[7~\x1b[8~", "Home End Home End Home End"},
      {"\x1b[3~\x1b[5~\x1b[6~", "Delete PageUp PageDown"},
      {"\x1b[1;5C", "Right"},
      {"\x1b[Z\x1b[15~x", "x"},
      {"\x1b[200~sk-1\r\nrest\x1b[201~y", "paste(sk-1\r\nrest) y"},
      {"\x1b[200~a\x1b[Ab\x1b[201~", "paste(a\x1b[Ab)"},
      {"\xff" "a", "a"},
  };
  for (const Row& row : rows) {
    KeyDecoder at_once;
    at_once.feed(row.bytes);
    at_once.pause();
    CHECK(names_of(at_once) == row.names);
    KeyDecoder byte_by_byte;
    for (const char byte : row.bytes) byte_by_byte.feed({&byte, 1});
    byte_by_byte.pause();
    CHECK(names_of(byte_by_byte) == row.names);
  }
}

TEST_CASE("only a pause makes Esc of an escape byte") {
  KeyDecoder decoder;
  decoder.feed("\x1b");
  CHECK(names_of(decoder).empty());
  CHECK(decoder.waits_for_more());
  decoder.pause();
  CHECK(names_of(decoder) == "Esc");
  decoder.feed("\x1b");
  decoder.feed("[A");
  CHECK(names_of(decoder) == "Up");
  decoder.feed("\x1b\x1b");
  decoder.pause();
  CHECK(names_of(decoder) == "Esc Esc");
}

TEST_CASE("a pause inside a paste ends nothing") {
  KeyDecoder decoder;
  decoder.feed("\x1b[200~abc");
  decoder.pause();
  CHECK(names_of(decoder).empty());
  decoder.feed("def\x1b[201~");
  CHECK(names_of(decoder) == "paste(abcdef)");
}

TEST_CASE("the line editor") {
  struct Row {
    std::string start, bytes, text;
    std::size_t cursor;
  };
  const std::vector<Row> rows{
      {"", "abc", "abc", 3},
      {"abc", "\x1b[D\x1b[DX", "aXbc", 2},
      {"abc", "\x01X\x05Y", "XabcY", 5},
      {"abc", "\x1b[HX\x1b[FY", "XabcY", 5},
      {"abc", "\x7f\x7f", "a", 1},
      {"abc", "\x01\x7f", "abc", 0},
      {"abc", "\x01\x1b[3~", "bc", 0},
      {"abc", "\x1b[3~", "abc", 3},
      {"one two", "\x17", "one ", 4},
      {"one two  ", "\x17", "one ", 4},
      {"one two", "\x02\x02\x15", "wo", 0},
      {"one two", "\x01\x1b[C\x0b", "o", 1},
      {"äö", "\x1b[DX", "äXö", 3},
      {"中文", "\x7f", "中", 3},
      {"e\u0301x", "\x7f\x7f", "", 0},
      {"e\u0301x", "\x01\x1b[C", "e\u0301x", 3},
      {"", "\x1b[200~https://x\n\x1b[201~", "https://x", 9},
      {"", "\x1b[200~\r\na\r\nb\tc\x1b[201~", "a b c", 5},
  };
  for (const Row& row : rows) {
    LineEditor editor(row.start);
    KeyDecoder decoder;
    decoder.feed(row.bytes);
    while (const auto key = decoder.take()) CHECK(editor.handle(*key));
    CHECK(editor.text() == row.text);
    CHECK(editor.cursor() == row.cursor);
  }
}

TEST_CASE("keys that submit or navigate are not the editor's") {
  for (const auto kind :
       {Key::Kind::enter, Key::Kind::escape, Key::Kind::tab, Key::Kind::up, Key::Kind::down}) {
    LineEditor editor("abc");
    CHECK_FALSE(editor.handle({kind}));
    CHECK(editor.text() == "abc");
  }
}

TEST_CASE("a key is masked while it is typed") {
  CHECK(masked_while_typed("") == "");
  CHECK(masked_while_typed("sk-or-v1-12") == "•••••••••••");
  CHECK(masked_while_typed("sk-or-v1-123") == "sk-•••••••••");
  CHECK(masked_while_typed("äöü456789012") == "äöü•••••••••");
}
