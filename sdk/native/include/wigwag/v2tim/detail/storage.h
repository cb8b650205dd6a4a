/// What a device keeps in the app's folder: its deviceID, and how far each user's events were read. Not for apps.
#ifndef WIGWAG_V2TIM_DETAIL_STORAGE_H
#define WIGWAG_V2TIM_DETAIL_STORAGE_H

#include <cctype>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <random>
#include <string>
#include <system_error>

namespace wigwag::v2tim::detail {

inline std::string NewID() {
    std::random_device dice;
    std::string id;
    for (int part = 0; part < 4; part++) {
        char hex[9];
        std::snprintf(hex, sizeof hex, "%08x", dice());
        id += hex;
    }
    return id;
}

/// The deviceID in a folder, which is made when it is missing. Without a folder, or where it cannot be written, the device is a new one.
inline std::string DeviceIn(const std::string &folder) {
    if (folder.empty()) {
        return std::string();
    }
    std::error_code ignored;
    std::filesystem::create_directories(folder, ignored);
    const auto place = std::filesystem::path(folder) / "wigwag-device";
    std::string known;
    std::ifstream(place) >> known;
    if (known.empty()) {
        known = NewID();
        std::ofstream(place) << known << '\n';
    }
    return known;
}

/// A userID may have characters that a file's name may not.
inline std::string CursorIn(const std::string &folder, const std::string &userID) {
    if (folder.empty()) {
        return std::string();
    }
    std::string name = "wigwag-cursor-";
    for (const char character : userID) {
        if (std::isalnum(static_cast<unsigned char>(character)) != 0) {
            name += character;
        } else {
            char hex[4];
            std::snprintf(hex, sizeof hex, "_%02x", static_cast<unsigned char>(character));
            name += hex;
        }
    }
    return (std::filesystem::path(folder) / name).string();
}

} // namespace wigwag::v2tim::detail

#endif
