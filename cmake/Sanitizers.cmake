if(HRNET_NATIVE_SANITIZE)
  add_compile_options(-fsanitize=${HRNET_NATIVE_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${HRNET_NATIVE_SANITIZE})
endif()
