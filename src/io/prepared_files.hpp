// A preparation beside the results of what was fitted to it, and the same once more for what a model is asked.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "mpinmf/comm.hpp"
#include "preparation.hpp"

namespace mpinmf::io {

inline constexpr const char* preparation_file = "preparation.json";
inline constexpr const char* kept_rows_file = "preparation_rows.npy";  ///< where some were left out by their sum
inline constexpr const char* kept_columns_file = "preparation_columns.npy";
inline constexpr const char* selected_columns_file =
    "preparation_selected.npy";  ///< where they are more than those
inline constexpr const char* column_scales_file = "preparation_scales.npy";

/// The names of its files.
std::vector<const char*> preparation_files(const Prepared& prepared);
/// Writes them; `path_of` says where each goes. Throws SystemError. Does not communicate.
void write_preparation(const Prepared& prepared, const std::function<std::string(const char*)>& path_of);

/// What `folder` says was done to the V that its model was fitted to, for the matrix at `path`, with the columns
/// and scales that were found then. Of its rows those that options.preparation asks for, or, `same_rows`, those
/// that were asked for then. What prepare() does where the folder says nothing. Collective; throws on every rank
/// what that does, and ShapeMismatch where the matrix has another number of columns.
std::shared_ptr<const Prepared> prepare_again(const Comm& comm, const std::string& path,
                                              const LoadOptions& options, const std::string& folder,
                                              bool same_rows);

}  // namespace mpinmf::io
