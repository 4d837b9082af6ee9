// The names of V's rows and columns, and which of them were kept, on their way from V to the results.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cli/process/output_folder.hpp"
#include "io/source.hpp"
#include "mpinmf/comm.hpp"
#include "solver_arguments.hpp"

namespace mpinmf::cli {

/// What V's rows and columns are called, if anything. All members are collective.
class DataNames {
 public:
  /// Asks the source of V, rows x columns, on the root. Throws BadData unless there is a name for each.
  DataNames(const Comm& comm, const InputArguments& input, Index rows, Index columns);

  /// Throws BadData where the model in the folder has names of columns, and V has others.
  void require_columns_of(const std::string& model) const;

  /// Writes them under their partial names, and adds the names of the files to `written`. Return where they are;
  /// nothing where there are none.
  std::string write_rows(OutputFolder& folder, std::vector<std::string>& written) const;
  std::string write_columns(OutputFolder& folder, std::vector<std::string>& written) const;
  /// The same of what was done to V, where anything was; and, for results of rows alone, which rows were kept.
  void write_preparation(OutputFolder& folder, std::vector<std::string>& written) const;
  void write_kept_rows(OutputFolder& folder, std::vector<std::string>& written) const;

  /// Which rows and columns of V's file these are; null: all.
  const std::shared_ptr<const io::Prepared>& prepared() const { return prepared_; }
  /// On the root; empty elsewhere.
  io::Labels labels() const { return {rows_.reader, columns_.reader}; }

 private:
  struct Names {
    io::NameReader reader;  // on the root
    bool are_there = false;
  };
  std::string write(const Names& names, const char* file, OutputFolder& folder,
                    std::vector<std::string>& written) const;

  Comm comm_;
  std::string path_;
  std::shared_ptr<const io::Prepared> prepared_;
  Names rows_, columns_;
};

}  // namespace mpinmf::cli
