// The English list is that of scikit-learn 1.2.1 (sklearn/feature_extraction/_stop_words.py, BSD-3-Clause), which
// took it from the Glasgow Information Retrieval Group.
#include "stop_words.hpp"

#include "io/file.hpp"

namespace mpinmf::text {
namespace {

constexpr const char* english_stop_words[] = {
    // clang-format off
    "a", "about", "above", "across", "after", "afterwards", "again", "against", "all", "almost", "alone", "along",
    "already", "also", "although", "always", "am", "among", "amongst", "amoungst", "amount", "an", "and",
    "another", "any", "anyhow", "anyone", "anything", "anyway", "anywhere", "are", "around", "as", "at", "back",
    "be", "became", "because", "become", "becomes", "becoming", "been", "before", "beforehand", "behind", "being",
    "below", "beside", "besides", "between", "beyond", "bill", "both", "bottom", "but", "by", "call", "can",
    "cannot", "cant", "co", "con", "could", "couldnt", "cry", "de", "describe", "detail", "do", "done", "down",
    "due", "during", "each", "eg", "eight", "either", "eleven", "else", "elsewhere", "empty", "enough", "etc",
    "even", "ever", "every", "everyone", "everything", "everywhere", "except", "few", "fifteen", "fifty", "fill",
    "find", "fire", "first", "five", "for", "former", "formerly", "forty", "found", "four", "from", "front",
    "full", "further", "get", "give", "go", "had", "has", "hasnt", "have", "he", "hence", "her", "here",
    "hereafter", "hereby", "herein", "hereupon", "hers", "herself", "him", "himself", "his", "how", "however",
    "hundred", "i", "ie", "if", "in", "inc", "indeed", "interest", "into", "is", "it", "its", "itself", "keep",
    "last", "latter", "latterly", "least", "less", "ltd", "made", "many", "may", "me", "meanwhile", "might",
    "mill", "mine", "more", "moreover", "most", "mostly", "move", "much", "must", "my", "myself", "name", "namely",
    "neither", "never", "nevertheless", "next", "nine", "no", "nobody", "none", "noone", "nor", "not", "nothing",
    "now", "nowhere", "of", "off", "often", "on", "once", "one", "only", "onto", "or", "other", "others",
    "otherwise", "our", "ours", "ourselves", "out", "over", "own", "part", "per", "perhaps", "please", "put",
    "rather", "re", "same", "see", "seem", "seemed", "seeming", "seems", "serious", "several", "she", "should",
    "show", "side", "since", "sincere", "six", "sixty", "so", "some", "somehow", "someone", "something",
    "sometime", "sometimes", "somewhere", "still", "such", "system", "take", "ten", "than", "that", "the", "their",
    "them", "themselves", "then", "thence", "there", "thereafter", "thereby", "therefore", "therein", "thereupon",
    "these", "they", "thick", "thin", "third", "this", "those", "though", "three", "through", "throughout", "thru",
    "thus", "to", "together", "too", "top", "toward", "towards", "twelve", "twenty", "two", "un", "under", "until",
    "up", "upon", "us", "very", "via", "was", "we", "well", "were", "what", "whatever", "when", "whence",
    "whenever", "where", "whereafter", "whereas", "whereby", "wherein", "whereupon", "wherever", "whether",
    "which", "while", "whither", "who", "whoever", "whole", "whom", "whose", "why", "will", "with", "within",
    "without", "would", "yet", "you", "your", "yours", "yourself", "yourselves",
    // clang-format on
};

constexpr const char* blanks = " \t\v\f";

std::vector<std::string> words_of_file(const std::string& path) {
  std::vector<std::string> words;
  io::LineReader lines(path);
  for (std::string_view line; lines.next(line);) {
    const std::size_t first = line.find_first_not_of(blanks);
    if (first == std::string_view::npos) continue;
    const std::string_view word = line.substr(first, line.find_last_not_of(blanks) + 1 - first);
    if (word.find_first_of(blanks) != std::string_view::npos) {
      throw lines.fault("has several words; a list of stop words has one a line");
    }
    words.emplace_back(word);
  }
  if (words.empty()) throw BadData(path + ": has no word; for no stop words give --stop-words none");
  return words;
}

}  // namespace

std::vector<std::string> stop_words(const std::string& name) {
  if (name == "none") return {};
  if (name == "english") return {std::begin(english_stop_words), std::end(english_stop_words)};
  return words_of_file(name);
}

}  // namespace mpinmf::text
