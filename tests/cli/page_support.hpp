// The pages: README.md of the sources and of their folders.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <vector>

#include "cli_support.hpp"

namespace pages {

namespace fs = std::filesystem;

using Lines = std::vector<std::string>;

inline fs::path source() {
  return std::getenv("MPINMF_SOURCE");
}

/// Every README.md of the repository, from its top: the first page first.
inline std::vector<fs::path> all() {
  std::vector<fs::path> found;
  for (const std::string room : {"include", "jobs", "src", "tests"}) {
    for (const auto& entry : fs::recursive_directory_iterator(source() / room)) {
      if (entry.path().filename() == "README.md") found.push_back(fs::relative(entry.path(), source()));
    }
  }
  std::sort(found.begin(), found.end());
  found.insert(found.begin(), "README.md");
  return found;
}

inline std::string text_of(const fs::path& page) {
  return read_text(source() / page);
}

inline Lines lines_of(const std::string& text) {
  Lines lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

/// A block of a page: what follows its ```, the section that it stands in, and its lines.
struct Block {
  std::string kind, section;
  Lines lines;
};

/// What a page has outside its blocks, and its blocks.
struct Page {
  Lines prose;
  std::vector<Block> blocks;
};

inline Page read(const fs::path& path) {
  Page page;
  std::string section;
  bool inside = false;
  for (const std::string& line : lines_of(text_of(path))) {
    if (line.rfind("```", 0) == 0) {
      inside = !inside;
      if (inside) page.blocks.push_back({line.substr(3), section, {}});
    } else if (inside) {
      page.blocks.back().lines.push_back(line);
    } else {
      page.prose.push_back(line);
      if (line.rfind("## ", 0) == 0) section = line.substr(3);
    }
  }
  return page;
}

/// A command of a page, and what is quoted of its output: nothing, or lines of which "..." stand for any others.
struct Command {
  std::string text;
  Lines output;
};

/// Of blocks that take data of others.
inline const std::string with_reference_data = "console";

/// The lines of sh blocks that start mpinmf (other tests configure, build and install), Python's blocks beside
/// scikit-learn, and the commands behind a "$ "; those of blocks with reference data, or of all others.
inline std::vector<Command> commands_of(const fs::path& path, bool of_reference_data = false) {
  std::vector<Command> commands;
  for (const Block& block : read(path).blocks) {
    if ((block.kind == with_reference_data) != of_reference_data) continue;
    if (block.kind == "python" && block.section == "From scikit-learn") {
      std::string script;
      for (const std::string& line : block.lines) script += line + "\n";
      commands.push_back({script, {}});
    }
    for (const std::string& line : block.lines) {
      if (block.kind == "sh" && line.rfind("mp", 0) == 0) commands.push_back({line, {}});  // mpinmf and mpirun
      if (line.rfind("$ ", 0) == 0) {
        commands.push_back({line.substr(2), {}});
      } else if (block.lines.front().rfind("$ ", 0) == 0) {
        commands.back().output.push_back(line);
      }
    }
  }
  return commands;
}

/// Whether the text is the quoted one, whose "..." stand for anything.
inline bool is_like(const std::string& text, const std::string& quoted) {
  const std::string any = "...";
  std::size_t at = 0, begin = 0;
  for (bool first = true;; first = false) {
    const std::size_t end = std::min(quoted.find(any, begin), quoted.size());
    const std::string part = quoted.substr(begin, end - begin);
    const bool last = end == quoted.size();
    std::size_t found = first ? 0 : text.find(part, at);
    if (last && !first) found = text.size() < at + part.size() ? std::string::npos : text.size() - part.size();
    if (found == std::string::npos || text.compare(found, part.size(), part) != 0) return false;
    at = found + part.size();
    if (last) return at == text.size();
    begin = end + any.size();
  }
}

/// The first quoted line that the output has not, in their order; empty: it is as quoted.
inline std::string what_differs(const Lines& output, const Lines& quoted) {
  std::size_t at = 0;
  bool skips = false;
  for (const std::string& line : quoted) {
    if (line == "...") {
      skips = true;
      continue;
    }
    while (skips && at < output.size() && !is_like(output[at], line)) ++at;
    if (at == output.size() || !is_like(output[at], line)) return "quoted: " + line;
    skips = false;
    ++at;
  }
  return skips || at == output.size() ? "" : "not quoted: " + output[at];
}

/// Runs a line with the PATH of build/env.sh, and a Python that may be elsewhere.
inline Ran run_line(const std::string& line, const TemporaryFolder& folder) {
  const std::filesystem::path program = std::getenv("MPINMF_PROGRAM");
  return run("export PATH=" + program.parent_path().string() + ":$PATH; " + line, folder.path());
}

/// The commands that `mpinmf --help` lists.
inline Lines listed_commands() {
  Lines listed;
  bool inside = false;
  for (const std::string& line : lines_of(run(mpinmf_command(1, "--help"), "/").out)) {
    if (inside && line.rfind("  ", 0) == 0 && line[2] != ' ') {
      listed.push_back(line.substr(2, line.find(' ', 2) - 2));
    }
    if (line.rfind("Subcommands:", 0) == 0 || line.rfind("SUBCOMMANDS:", 0) == 0) inside = true;
  }
  return listed;
}

/// The long options in a text: --max-iterations, --tol.
inline std::set<std::string> options_in(const std::string& text) {
  std::set<std::string> options;
  for (std::size_t at = text.find("--"); at != std::string::npos; at = text.find("--", at + 2)) {
    const std::size_t end = text.find_first_not_of("abcdefghijklmnopqrstuvwxyzWH0123456789-", at);
    const std::string option = text.substr(at, end - at);
    if (option.size() > 2 && option[2] != '-' && (at == 0 || text[at - 1] != '-')) options.insert(option);
  }
  return options;
}

}  // namespace pages
