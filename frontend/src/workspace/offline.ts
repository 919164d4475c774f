/** Documents kept in this browser. */

/** Delete every document kept in this browser, of whomever: call it when somebody logs out. */
export declare function forgetEverything(): Promise<void>;
