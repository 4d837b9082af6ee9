// Arrays of NumPy for tests, to go into archives.
#pragma once

#include <fmt/format.h>

#include <string>
#include <vector>

#include "io/npy.hpp"
#include "zip_files.hpp"

/// A .npy.
template <class T>
std::string npy_bytes(const std::string& type, const std::vector<mpinmf::Index>& shape,
                      const std::vector<T>& values) {
  std::string bytes = mpinmf::io::npy_header_bytes(type, shape);
  return bytes.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T));
}

/// A word as NumPy saves it: in bytes ('S') or in 4 bytes a letter ('U').
inline std::string npy_word(const std::string& word, char kind = 'S') {
  std::string bytes = mpinmf::io::npy_header_bytes(fmt::format("{}{}", kind, word.size()), {});
  for (const char letter : word)
    bytes += kind == 'S' ? std::string(1, letter) : little_endian(static_cast<unsigned char>(letter), 4);
  return bytes;
}
